CREATE INDEX idx_prompts_list_covering ON prompts (
  user_id, status, deleted_at, id, title, created_at, updated_at
);
