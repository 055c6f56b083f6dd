internal import NIOCore
internal import NIOHTTPTypes

/// One connection, as its limits see it. Confined to the service's loop.
final class HTTPClient {
    enum Phase {
        /// Asks nothing.
        case idle
        /// Has begun a request that has not come in whole.
        case asking
        /// Waits for an answer.
        case answering
    }

    let channel: any Channel
    private(set) var phase = Phase.idle
    /// When the phase began.
    private(set) var since = NIODeadline.now()
    /// Since when nothing can be written to it; nil when that can be.
    var unwritableSince: NIODeadline?
    /// Whether the connection ends with the answer under way.
    var isLast = false
    var onGone: (() -> Void)?
    /// Called when answers begin to wait for it.
    var onUnwritable: (() -> Void)?
    /// Called when a request begins.
    var onAsking: (() -> Void)?
    private var openRequests = 0

    init(_ channel: any Channel) {
        self.channel = channel
    }

    func bytesCame() {
        guard phase == .idle else { return }
        onAsking?()
        enter(.asking)
    }

    func requestCame() {
        openRequests += 1
        enter(.answering)
    }

    func answerWent() {
        openRequests -= 1
        guard openRequests <= 0 else { return }
        enter(.idle)
        if isLast { channel.close(promise: nil) }
    }

    private func enter(_ phase: Phase) {
        self.phase = phase
        since = .now()
    }
}

/// Sees octets come and go, whether or not they are requests.
final class ByteWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: HTTPClient

    init(_ client: HTTPClient) {
        self.client = client
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client.bytesCame()
        context.fireChannelRead(data)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        client.unwritableSince = context.channel.isWritable ? nil : .now()
        if !context.channel.isWritable { client.onUnwritable?() }
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        client.onGone?()
        client.onGone = nil
        client.onUnwritable = nil
        client.onAsking = nil
    }
}

/// Sees whole requests and whole answers.
final class RequestWatch: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let client: HTTPClient

    init(_ client: HTTPClient) {
        self.client = client
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) { client.requestCame() }
        context.fireChannelRead(data)
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        guard case .end = unwrapOutboundIn(data) else {
            return context.write(data, promise: promise)
        }
        context.writeAndFlush(data, promise: promise)
        client.answerWent()
    }
}
