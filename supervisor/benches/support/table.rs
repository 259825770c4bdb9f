//! The table of gates. Never measures.

/// Rows over their gate.
#[derive(Default)]
pub(crate) struct Table {
    missed: Vec<String>,
}

impl Table {
    /// `value` must not exceed `gate`.
    pub(crate) fn row(&mut self, name: &str, value: f64, gate: f64, unit: &str) {
        let verdict = if value <= gate { "ok" } else { "MISSED" };
        println!("| {name} | {value:.2} {unit} | <= {gate:.2} {unit} | {verdict} |");
        if value > gate * 1.5 {
            self.missed.push(format!("{name}: {value:.2} {unit}, gate {gate:.2}"));
        }
    }

    /// Fails where that is asked for.
    pub(crate) fn finish(&self) {
        let enforce = std::env::var_os("ASYNCLINT_GATES").is_some();
        assert!(self.missed.is_empty() || !enforce, "above 1.5 x the gate: {:#?}", self.missed);
    }
}
