package idempotency

// What tests of the limits need to know.
const PruneBatch = pruneBatch
