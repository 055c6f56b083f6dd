import Testing

@testable import BFDCore

@Suite("SipHash")
struct SipHashTests {
    @Test func `the digest of the paper's fifteen octets`() {
        var hash = SipHash(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        hash.absorb(0x0706_0504_0302_0100)
        hash.absorb(0x0f0e_0d0c_0b0a_0908)
        #expect(hash.finish() == 0xa129_ca61_49be_45e5)
    }
}
