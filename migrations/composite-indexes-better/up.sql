CREATE INDEX idx_prompts_user_active_created ON prompts (user_id, status, created_at) WHERE deleted_at IS NULL;
CREATE INDEX idx_evaluations_prompt_created ON evaluations (prompt_id, created_at);
CREATE INDEX idx_test_results_eval_passed_score ON test_results (evaluation_id, passed, score);
DROP INDEX idx_evaluations_prompt_id;
DROP INDEX idx_test_results_evaluation_id;
DROP INDEX idx_test_results_passed;
DROP INDEX idx_prompts_status;
