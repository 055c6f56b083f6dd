internal import Netlink
internal import NodeCore
public import RouteCore

/// Makes and changes links for laboratories: the demonstration and the tests.
///
/// The daemon never calls this. It works in the network namespace of the thread that made it, and
/// asks the link guard before each change.
public struct LabLinks: ~Copyable {
    private let socket: NetlinkSocket
    private let gate: LinkGate

    /// Links of the calling thread's network namespace.
    public init(_ gate: LinkGate = LinkGate()) throws(LinkGateError) {
        do throws(NetlinkError) {
            socket = try NetlinkSocket.connected()
        } catch {
            throw .netlink(error)
        }
        self.gate = gate
    }

    /// Makes a pair of virtual links, each end in the namespace behind its descriptor.
    public borrowing func createPair(
        _ name: String, in namespace: Int32, peer: String, in peerNamespace: Int32
    ) throws(LinkGateError) {
        let one = LinkEndpoint(name: name, namespace: namespace)
        let other = LinkEndpoint(name: peer, namespace: peerNamespace)
        try perform(.createPair(one, other), name)
    }

    /// Sets a link up or down.
    public borrowing func set(_ name: String, up isUp: Bool) throws(LinkGateError) {
        try perform(isUp ? .setUp : .setDown, name)
    }

    /// Adds an address with its on-link prefix; IPv6 is usable at once, not after detection of
    /// duplicates.
    public borrowing func add(
        _ address: HostAddress, length: Int, to name: String
    ) throws(LinkGateError) {
        let address = LinkAddress(bytes: address.bytes, prefixLength: UInt8(length))
        try perform(.addAddress(address), name)
    }

    /// Deletes a link; the other end of a pair goes with it.
    public borrowing func delete(_ name: String) throws(LinkGateError) {
        try perform(.delete, name)
    }

    private borrowing func perform(
        _ operation: LinkOperation, _ name: String
    ) throws(LinkGateError) {
        let permit = try gate.permit(operation, of: name, through: socket)
        do throws(NetlinkError) {
            try LinkWriter.perform(permit, through: socket)
        } catch {
            throw .netlink(error)
        }
    }
}
