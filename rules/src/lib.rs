//! What does an nginx configuration mean for a WebSocket, and what is wrong with it?
