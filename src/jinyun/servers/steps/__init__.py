"""Steps of operations on servers: each looks first, acts second, and says what it waits for."""
