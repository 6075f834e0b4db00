-- What is not 16 bytes would come back as something that is no UUID.
CREATE TABLE ids_to_convert (
  id CONSTRAINT "every id must be a UUID of 16 bytes; mend the others first" CHECK (
    typeof(id) = 'blob' AND length(id) = 16
  )
);
INSERT INTO ids_to_convert SELECT id FROM prompt_templates WHERE id IS NOT NULL;
INSERT INTO ids_to_convert SELECT id FROM prompts WHERE id IS NOT NULL;
INSERT INTO ids_to_convert SELECT parent_id FROM prompts WHERE parent_id IS NOT NULL;
INSERT INTO ids_to_convert SELECT id FROM evaluations WHERE id IS NOT NULL;
INSERT INTO ids_to_convert SELECT prompt_id FROM evaluations WHERE prompt_id IS NOT NULL;
INSERT INTO ids_to_convert SELECT test_suite_id FROM evaluations WHERE test_suite_id IS NOT NULL;
INSERT INTO ids_to_convert SELECT id FROM test_results WHERE id IS NOT NULL;
INSERT INTO ids_to_convert SELECT evaluation_id FROM test_results WHERE evaluation_id IS NOT NULL;
DROP TABLE ids_to_convert;

CREATE TABLE prompt_templates_new (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  name VARCHAR(255) NOT NULL UNIQUE,
  description TEXT,
  template TEXT NOT NULL,
  variables JSON NOT NULL,
  category VARCHAR(100) NOT NULL,
  usage_count INTEGER NOT NULL,
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO prompt_templates_new (
  rowid, id, name, description, template, variables, category, usage_count, created_at, updated_at
)
SELECT
  rowid,
  lower(
    hex(substr(id, 1, 4)) || '-' || hex(substr(id, 5, 2)) || '-' || hex(substr(id, 7, 2))
    || '-' || hex(substr(id, 9, 2)) || '-' || hex(substr(id, 11))
  ),
  name,
  description,
  template,
  variables,
  category,
  usage_count,
  created_at,
  updated_at
FROM prompt_templates
ORDER BY rowid;
DROP TABLE prompt_templates;
ALTER TABLE prompt_templates_new RENAME TO prompt_templates;

CREATE TABLE prompts_new (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  title VARCHAR(255) NOT NULL,
  description TEXT,
  content TEXT NOT NULL,
  system_message TEXT,
  tags JSON,
  meta_data JSON,
  version INTEGER NOT NULL DEFAULT 1,
  parent_id VARCHAR(36) REFERENCES prompts (id),
  user_id VARCHAR(255) NOT NULL,
  status VARCHAR(50) NOT NULL,
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  deleted_at TEXT
);
INSERT INTO prompts_new (
  rowid, id, title, description, content, system_message, tags, meta_data, version, parent_id,
  user_id, status, created_at, updated_at, deleted_at
)
SELECT
  rowid,
  lower(
    hex(substr(id, 1, 4)) || '-' || hex(substr(id, 5, 2)) || '-' || hex(substr(id, 7, 2))
    || '-' || hex(substr(id, 9, 2)) || '-' || hex(substr(id, 11))
  ),
  title,
  description,
  content,
  system_message,
  tags,
  meta_data,
  version,
  CASE WHEN parent_id IS NOT NULL THEN
    lower(
      hex(substr(parent_id, 1, 4)) || '-' || hex(substr(parent_id, 5, 2)) || '-' || hex(substr(parent_id, 7, 2))
      || '-' || hex(substr(parent_id, 9, 2)) || '-' || hex(substr(parent_id, 11))
    )
  END,
  user_id,
  status,
  created_at,
  updated_at,
  deleted_at
FROM prompts
ORDER BY rowid;
DROP TABLE prompts;
ALTER TABLE prompts_new RENAME TO prompts;

CREATE TABLE evaluations_new (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  prompt_id VARCHAR(36) NOT NULL REFERENCES prompts (id) ON DELETE CASCADE,
  test_suite_id VARCHAR(36),
  status VARCHAR(50) NOT NULL,
  overall_score REAL,
  metrics JSON,
  execution_time_ms INTEGER,
  provider VARCHAR(100),
  model VARCHAR(100),
  error_message TEXT,
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO evaluations_new (
  rowid, id, prompt_id, test_suite_id, status, overall_score, metrics, execution_time_ms, provider,
  model, error_message, created_at, updated_at
)
SELECT
  rowid,
  lower(
    hex(substr(id, 1, 4)) || '-' || hex(substr(id, 5, 2)) || '-' || hex(substr(id, 7, 2))
    || '-' || hex(substr(id, 9, 2)) || '-' || hex(substr(id, 11))
  ),
  lower(
    hex(substr(prompt_id, 1, 4)) || '-' || hex(substr(prompt_id, 5, 2)) || '-' || hex(substr(prompt_id, 7, 2))
    || '-' || hex(substr(prompt_id, 9, 2)) || '-' || hex(substr(prompt_id, 11))
  ),
  CASE WHEN test_suite_id IS NOT NULL THEN
    lower(
      hex(substr(test_suite_id, 1, 4)) || '-' || hex(substr(test_suite_id, 5, 2)) || '-' || hex(substr(test_suite_id, 7, 2))
      || '-' || hex(substr(test_suite_id, 9, 2)) || '-' || hex(substr(test_suite_id, 11))
    )
  END,
  status,
  overall_score,
  metrics,
  execution_time_ms,
  provider,
  model,
  error_message,
  created_at,
  updated_at
FROM evaluations
ORDER BY rowid;
DROP TABLE evaluations;
ALTER TABLE evaluations_new RENAME TO evaluations;

CREATE TABLE test_results_new (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  evaluation_id VARCHAR(36) NOT NULL REFERENCES evaluations (id) ON DELETE CASCADE,
  test_case_name VARCHAR(255) NOT NULL,
  input_data JSON NOT NULL,
  expected_output TEXT,
  actual_output TEXT,
  score REAL NOT NULL,
  passed BOOLEAN NOT NULL,
  latency_ms INTEGER NOT NULL,
  token_count INTEGER,
  cost_usd REAL,
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO test_results_new (
  rowid, id, evaluation_id, test_case_name, input_data, expected_output, actual_output, score,
  passed, latency_ms, token_count, cost_usd, created_at, updated_at
)
SELECT
  rowid,
  lower(
    hex(substr(id, 1, 4)) || '-' || hex(substr(id, 5, 2)) || '-' || hex(substr(id, 7, 2))
    || '-' || hex(substr(id, 9, 2)) || '-' || hex(substr(id, 11))
  ),
  lower(
    hex(substr(evaluation_id, 1, 4)) || '-' || hex(substr(evaluation_id, 5, 2)) || '-' || hex(substr(evaluation_id, 7, 2))
    || '-' || hex(substr(evaluation_id, 9, 2)) || '-' || hex(substr(evaluation_id, 11))
  ),
  test_case_name,
  input_data,
  expected_output,
  actual_output,
  score,
  passed,
  latency_ms,
  token_count,
  cost_usd,
  created_at,
  updated_at
FROM test_results
ORDER BY rowid;
DROP TABLE test_results;
ALTER TABLE test_results_new RENAME TO test_results;

CREATE INDEX idx_templates_category ON prompt_templates (category);
CREATE INDEX idx_templates_usage ON prompt_templates (usage_count);

CREATE INDEX idx_prompts_user_id ON prompts (user_id);
CREATE INDEX idx_prompts_status ON prompts (status);
CREATE INDEX idx_prompts_created_at ON prompts (created_at);
CREATE INDEX idx_prompts_parent_id ON prompts (parent_id);
CREATE INDEX idx_prompts_deleted_at ON prompts (deleted_at);

CREATE INDEX idx_evaluations_prompt_id ON evaluations (prompt_id);
CREATE INDEX idx_evaluations_status ON evaluations (status);
CREATE INDEX idx_evaluations_created_at ON evaluations (created_at);
CREATE INDEX idx_evaluations_provider_model ON evaluations (provider, model);

CREATE INDEX idx_test_results_evaluation_id ON test_results (evaluation_id);
CREATE INDEX idx_test_results_passed ON test_results (passed);
CREATE INDEX idx_test_results_score ON test_results (score);
