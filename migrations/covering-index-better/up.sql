CREATE INDEX idx_prompts_active_list_covering ON prompts (
  user_id, status, created_at, updated_at, id, title, deleted_at
) WHERE deleted_at IS NULL;
