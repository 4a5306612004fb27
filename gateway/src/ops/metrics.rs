//! The process's one recorder of metrics.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// One recorder to a process, however many gateways tests start.
pub fn metrics() -> PrometheusHandle {
    static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            // Somebody else's recorder stays; then ours shows nothing, which is no failure.
            let _ = metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}

/// Sums up what was counted, which otherwise waits in memory until somebody asks.
pub fn sum_up_metrics() {
    metrics().run_upkeep();
}
