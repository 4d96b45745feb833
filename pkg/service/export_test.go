package service

// Command is what Main does, for tests.
var Command = command
