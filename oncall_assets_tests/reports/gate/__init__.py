"""What holds an edition: `gated` is a small company under the gate; other files break it in one way at a time."""
