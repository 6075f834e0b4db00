DROP TABLE test_results;
DROP TABLE evaluations;
DROP TABLE prompts;
DROP TABLE prompt_templates;
