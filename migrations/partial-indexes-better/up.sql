CREATE INDEX idx_prompts_user_active_created ON prompts (user_id, status, created_at) WHERE deleted_at IS NULL;
CREATE INDEX idx_evaluations_running_created ON evaluations (prompt_id, created_at) WHERE status = 'running';
CREATE INDEX idx_prompts_deleted_only ON prompts (deleted_at) WHERE deleted_at IS NOT NULL;
DROP INDEX idx_prompts_deleted_at;
