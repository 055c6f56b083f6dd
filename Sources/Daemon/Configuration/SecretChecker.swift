internal import ControlProtocol
internal import LinuxSystem

/// Looks at the secret files of a configuration that has been read.
struct SecretChecker {
    let problems: ProblemCollector
    /// What relative paths start from; nil for the process's own directory.
    let directory: String?

    /// A file at the place that names it; one that defaults name is looked at once.
    struct Visit: Hashable {
        let place: Place
        let path: String
    }

    /// Completes the paths, and reports every secret that could not be used.
    func check(_ candidates: inout [PeerReader.Candidate]) {
        var visited: Set<Visit> = []
        for index in candidates.indices {
            guard var result = candidates[index].session.authentication?.value else { continue }
            let place = candidates[index].session.authentication?.place ?? candidates[index].place
            check(&result, place, &visited)
            candidates[index].session.authentication = Placed(value: result, place: place)
        }
    }

    /// The same for a section that stands alone.
    func check(_ result: inout AuthenticationReader.Result, _ place: Place) {
        var visited: Set<Visit> = []
        check(&result, place, &visited)
    }

    private func check(
        _ result: inout AuthenticationReader.Result, _ place: Place, _ visited: inout Set<Visit>
    ) {
        let type = result.authentication.type
        for (number, place) in result.secretPlaces.enumerated() {
            let given = result.authentication.keys[number].secretFile
            let path = complete(given)
            result.authentication.keys[number].secretFile = path
            guard visited.insert(Visit(place: place, path: path)).inserted else { continue }
            check(result.authentication.keys[number], type, place, given: given)
        }
        checkTime(result.authentication, place)
    }

    private func complete(_ path: String) -> String {
        guard let directory, !path.hasPrefix("/") else { return path }
        return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
    }

    private func check(
        _ key: DaemonConfiguration.Key, _ type: AuthenticationTypeName, _ place: Place,
        given: String
    ) {
        let file = SecretFile(path: key.secretFile, format: key.format)
        let shown = ConfigurationValue.excerpt(given)
        do throws(SecretFileError) {
            _ = try file.secret(for: type)
        } catch {
            problems.error(place, "secret-file \"\(shown)\" \(error.message)")
            return
        }
        if file.isWritableByOthers {
            problems.error(
                place,
                "secret-file \"\(shown)\" can be changed by others than its owner; "
                    + "protect it with: chmod 600")
        } else if file.isReadableByOthers {
            problems.warning(
                place,
                "secret-file \"\(shown)\" can be read by others than its owner; "
                    + "protect it with: chmod 600")
        }
    }

    /// A session none of whose keys may ever be sent again stays silent.
    private func checkTime(_ authentication: DaemonConfiguration.Authentication, _ place: Place) {
        let now = Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds())
        let isOver = authentication.keys.allSatisfy { key in
            key.sendLifetime.end.map { $0 <= now } ?? false
        }
        if isOver {
            problems.warning(
                place,
                "the send-lifetime of every key has ended: the session sends nothing until a "
                    + "key is added")
        }
    }
}
