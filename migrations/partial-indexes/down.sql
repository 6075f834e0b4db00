DROP INDEX idx_evaluations_running;
DROP INDEX idx_prompts_active_only;
