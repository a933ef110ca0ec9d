//! eval-agent
