internal import ControlProtocol

/// A line of the screen.
struct TopLine: Equatable {
    /// How a line looks.
    enum Style {
        case plain
        /// The first and the last line.
        case bar
        /// Titles of columns.
        case title
        case bad
        case doubtful
        case faint
    }

    var text: String
    var style = Style.plain

    init(_ text: String, _ style: Style = .plain) {
        self.text = text.printable
        self.style = style
    }

    /// The same in a width: cut where it is too long, and a bar filled up.
    func fitted(to columns: Int) -> TopLine {
        var line = self
        if text.count > columns {
            line.text = text.prefix(max(columns - 1, 0)) + "…"
        } else if style == .bar {
            line.text = text.padded(to: columns)
        }
        return line
    }

    /// What a terminal is sent for it.
    func sequence(inColour: Bool) -> String {
        guard let codes = codes(inColour) else { return text }
        return "\u{1b}[\(codes)m\(text)\u{1b}[0m"
    }

    private func codes(_ inColour: Bool) -> String? {
        switch style {
        case .plain: nil
        case .bar: "7"
        case .title: "1"
        case .bad: inColour ? "31" : "1"
        case .doubtful: inColour ? "33" : nil
        case .faint: inColour ? "2" : nil
        }
    }
}
