type Environment = Readonly<Record<string, string | undefined>>

/**
 * What programs need to find their files, speak the user's language, trust the user's certificates and get through the
 * user's proxy; and what is set for us, for Node and for tests. Upper case: Windows spells some of them otherwise.
 */
const needed = new Set(
  (
    'PATH HOME USER LOGNAME SHELL TERM LANG LANGUAGE TZ TMPDIR TMP TEMP PWD ' +
    'SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE APPDATA LOCALAPPDATA PROGRAMDATA HOMEDRIVE HOMEPATH ' +
    'SSL_CERT_FILE SSL_CERT_DIR HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY ' +
    'SQLD_BIN LD_LIBRARY_PATH LD_PRELOAD DYLD_LIBRARY_PATH CI NO_COLOR NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_PATH NODE_V8_COVERAGE'
  ).split(' '),
)
const neededPrefixes = /^(LC_|XDG_|FORGEBENCH_|GIT_CONFIG|JITI_|VITEST|FAKETIME)/i

/** Words in a name that speak of a secret, whatever its prefix. */
const secret = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE/i

/**
 * The variables that a child process is given: what every program needs, and those named in `names`, such as the one that
 * holds the token it sends. Everything else that stands in ours, such as the secrets of a CI job, is none of its business.
 */
export function childEnvironment(
  names: readonly (string | null | undefined)[] = [],
  environment: Environment = process.env,
): Record<string, string> {
  const given = Object.entries(environment).filter(
    ([name]) =>
      names.includes(name) ||
      needed.has(name.toUpperCase()) ||
      (neededPrefixes.test(name) && !secret.test(name)),
  )
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
