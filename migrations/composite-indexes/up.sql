CREATE INDEX idx_prompts_user_status_created ON prompts (user_id, status, created_at);
CREATE INDEX idx_evaluations_prompt_created ON evaluations (prompt_id, created_at);
CREATE INDEX idx_test_results_eval_score ON test_results (evaluation_id, score);
