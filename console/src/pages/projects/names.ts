export const CRITICALITY = ["key", "general"] as const;
export const ENVIRONMENTS = ["production", "test", "development"] as const;
