"""The audit log: who looked at, changed or exported what; append-only and hash-chained."""
