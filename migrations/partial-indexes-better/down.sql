CREATE INDEX idx_prompts_deleted_at ON prompts (deleted_at);
DROP INDEX idx_prompts_deleted_only;
DROP INDEX idx_evaluations_running_created;
DROP INDEX idx_prompts_user_active_created;
