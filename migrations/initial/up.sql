CREATE TABLE prompt_templates (
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

CREATE TABLE prompts (
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

CREATE TABLE evaluations (
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

CREATE TABLE test_results (
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
