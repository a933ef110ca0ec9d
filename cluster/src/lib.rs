//! Many machines on one: a balancer, PostgreSQL, an SQS server, several APIs and agents, all real and all processes here. Learners
//! type and hand in; meanwhile parts are killed, cut off, stopped and replaced, and then the books are looked at: what was
//! accepted has exactly one verdict, what was acknowledged is there.
//!
//! It knows Gradus from outside: HTTP, sockets, processes, and the store's event log for the audit.

pub mod books;
pub mod cases;
pub mod load;
pub mod measure;
pub mod plan;
pub mod reckoning;
pub mod report;
pub mod topology;
