package redisstream

// MaxCounted is a limit that a test reaches.
const MaxCounted = maxCounted
