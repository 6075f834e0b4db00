CREATE INDEX idx_prompts_status ON prompts (status);
CREATE INDEX idx_evaluations_prompt_id ON evaluations (prompt_id);
CREATE INDEX idx_test_results_evaluation_id ON test_results (evaluation_id);
CREATE INDEX idx_test_results_passed ON test_results (passed);
DROP INDEX idx_test_results_eval_passed_score;
DROP INDEX idx_evaluations_prompt_created;
DROP INDEX idx_prompts_user_active_created;
