CREATE INDEX idx_prompts_active_only_full ON prompts (user_id, status);
CREATE INDEX idx_evaluations_running_full ON evaluations (prompt_id);
