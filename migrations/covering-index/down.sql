DROP INDEX idx_prompts_list_covering;
