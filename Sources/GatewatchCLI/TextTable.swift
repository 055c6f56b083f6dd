internal import ControlProtocol

/// Lays rows out in columns, at most 100 characters wide unless told otherwise.
struct TextTable {
    /// The widest line.
    static let maximumWidth = 100

    /// A column, and how narrow it may get when the table is too wide.
    struct Column {
        let title: String
        let minimumWidth: Int

        /// A column that is never cut.
        static func fixed(_ title: String) -> Column {
            Column(title: title, minimumWidth: .max)
        }

        /// A column whose texts may be cut.
        static func flexible(_ title: String, minimumWidth: Int = 10) -> Column {
            Column(title: title, minimumWidth: max(minimumWidth, title.count))
        }
    }

    let columns: [Column]
    private var rows: [[String]] = []

    private let limit: Int

    init(_ columns: [Column], maximumWidth: Int = Self.maximumWidth) {
        self.columns = columns
        limit = maximumWidth
    }

    mutating func add(_ row: [String]) {
        precondition(row.count == columns.count, "a row has a text for each column")
        rows.append(row.map(\.printable))
    }

    /// The title line and the rows, without trailing spaces.
    var text: String { lines(rows.indices).joined(separator: "\n") }

    /// The title line and some of the rows, as wide as all of them need.
    func lines(_ shown: Range<Int>) -> [String] {
        let widths = widths
        return ([columns.map(\.title)] + rows[shown]).map { row in
            let cells = zip(row, widths).map { cell, width in
                Self.cut(cell, to: width).padded(to: width)
            }
            return cells.joined(separator: "  ").trimmingTrailingSpaces
        }
    }

    /// Natural widths, the widest flexible column shrinking until all fit.
    private var widths: [Int] {
        var widths = columns.indices.map { index in
            ([columns[index].title] + rows.map { $0[index] }).map(\.count).max() ?? 0
        }
        let separators = 2 * (columns.count - 1)
        while widths.reduce(separators, +) > limit {
            let shrinkable = columns.indices.filter { widths[$0] > columns[$0].minimumWidth }
            guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return widths
    }

    private static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
    }
}

extension String {
    /// Filled up with spaces on the right.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    fileprivate var trimmingTrailingSpaces: String {
        var text = self[...]
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
