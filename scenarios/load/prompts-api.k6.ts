// The load of prompts-api.ts, sent by k6 2.x:
//   k6 run -e BASE_URL=http://127.0.0.1:8787 -e RATE=500 -e DURATION=30 scenarios/load/prompts-api.k6.ts
// Other variables: USERS or PEAK=1 in place of RATE, CONNECTIONS, MAX_CONNECTIONS, MIX, SEED, DATA, TIMEOUT (ms), MAX_REQUESTS,
// TOKEN_ENV (name of the variable with a bearer token), SUMMARY (file, or stdout, for forgebench load collect),
// SEGMENTS (number of processes when each runs an --execution-segment).
import { k6Script } from '../../src/load/k6/script/k6-script.ts'
import profile from './prompts-api.ts'

const script = k6Script(profile, {
  profile: () => open('./prompts-api.ts'),
  data: () => open(__ENV['DATA'] || `./${profile.data.file}`),
})

export const { options, handleSummary } = script
export default script.request
