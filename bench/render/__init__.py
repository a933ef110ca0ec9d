"""From samples to what people read: a table, and a plot per family. The same samples, the same bytes."""
