//! Pages, panels, charts, exports.
