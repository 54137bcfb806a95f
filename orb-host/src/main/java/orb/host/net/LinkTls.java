package orb.host.net;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509TrustManager;
import orb.kernel.ErrorCode;
import orb.kernel.NodeId;
import orb.kernel.Result;

/**
 * TLS 1.3 on both ends of a link, each showing its {@link LinkCertificate}; BoringSSL where its
 * library loads, the JDK's otherwise. Thread-safe.
 *
 * @param accepting for the end that was dialled
 * @param dialling for the end that dials
 */
record LinkTls(SslContext accepting, SslContext dialling) {
    /** The protocol's name in ALPN, that of C2SP https-bastion. */
    static final String ALPN = "bastion/0";

    static LinkTls of(LinkCertificate own) {
        return of(own, OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK);
    }

    static LinkTls of(LinkCertificate own, SslProvider provider) {
        try {
            SslContextBuilder accepting =
                    SslContextBuilder.forServer(own.key(), own.certificate())
                            .clientAuth(ClientAuth.REQUIRE);
            SslContextBuilder dialling =
                    SslContextBuilder.forClient()
                            .keyManager(own.key(), own.certificate())
                            .endpointIdentificationAlgorithm(""); // the key is pinned, not the name
            return new LinkTls(build(accepting, provider), build(dialling, provider));
        } catch (SSLException e) {
            throw new IllegalStateException("setting up TLS with " + provider, e);
        }
    }

    private static SslContext build(SslContextBuilder builder, SslProvider provider)
            throws SSLException {
        return builder.sslProvider(provider)
                .protocols("TLSv1.3")
                .trustManager(new ProvedPeers())
                .sessionTimeout(1) // every link proves both keys anew
                .applicationProtocolConfig(
                        new ApplicationProtocolConfig(
                                Protocol.ALPN,
                                SelectorFailureBehavior.NO_ADVERTISE,
                                SelectedListenerFailureBehavior.ACCEPT,
                                ALPN))
                .build();
    }

    /** Who the other end of a finished handshake proved to be. */
    static Result<NodeId> peerOf(SSLSession session) {
        try {
            return read(session);
        } catch (SSLPeerUnverifiedException e) {
            return Result.refused(ErrorCode.BAD_SIGNATURE, "the peer showed no certificate");
        }
    }

    // the array's type differs between TLS libraries, its elements' does not
    private static Result<NodeId> read(SSLSession session) throws SSLPeerUnverifiedException {
        var shown = session.getPeerCertificates();
        X509Certificate[] chain = new X509Certificate[shown.length];
        for (int i = 0; i < shown.length; i++) {
            if (!(shown[i] instanceof X509Certificate certificate)) {
                return Result.refused(
                        ErrorCode.BAD_SIGNATURE, "the peer's certificate is not X.509");
            }
            chain[i] = certificate;
        }
        return LinkCertificate.peerOf(chain);
    }

    /** Trusts whoever proves any Orb id; who it is, the link decides afterwards. */
    private static final class ProvedPeers implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            check(chain);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }

        private static void check(X509Certificate[] chain) throws CertificateException {
            if (LinkCertificate.peerOf(chain) instanceof Result.Refused<NodeId>(var refusal)) {
                throw new CertificateException(refusal.what());
            }
        }
    }
}
