//! The agent in the real world: real Docker, the real guest, the lesson images, the embedded queue, a second process
//! where one has to be killed. Only the API is played, by a small server that speaks its protocol honestly.

mod clean_up;
mod grading;
mod hostile;
mod measures;
mod session;
mod shipped;
mod world;
