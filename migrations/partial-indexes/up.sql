CREATE INDEX idx_prompts_active_only ON prompts (user_id, status) WHERE deleted_at IS NULL;
CREATE INDEX idx_evaluations_running ON evaluations (prompt_id) WHERE status = 'running';
