using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>What a connection trusts instead of the system's certificates, and what it shows of itself; both from files in PEM.</summary>
/// <param name="Files">Equal names, equal connections.</param>
internal sealed record OtlpCertificates(string Files, X509Certificate2Collection? Trusted, X509Certificate2? Client)
{
    public static readonly OtlpCertificates None = new("", null, null);

    public static OtlpCertificates Read(OtelVariables variables, (string Name, string? Value) trusted, (string Name, string? Value) certificate, (string Name, string? Value) key)
    {
        if (trusted.Value is null && certificate.Value is null && key.Value is null) return None;
        if (certificate.Value is null && key.Value is not null) variables.Warn($"{key.Name} is set and {certificate.Name} is not; no client certificate is sent.");
        return new(
            string.Join('\n', trusted.Value, certificate.Value, key.Value),
            Load(variables, trusted, "the system's certificates are used instead", static path =>
            {
                var all = new X509Certificate2Collection();
                all.ImportFromPemFile(path);
                return all.Count > 0 ? all : throw new CryptographicException("the file holds no PEM certificate");
            }),
            Load(variables, certificate, "no client certificate is sent", path => X509Certificate2.CreateFromPemFile(path, key.Value)));
    }

    /// <summary>Applies to every connection made from now on.</summary>
    public void ApplyTo(SslClientAuthenticationOptions tls)
    {
        if (Client is not null) tls.ClientCertificates = [Client];
        if (Trusted is null) return;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(Trusted);
        tls.CertificateChainPolicy = policy;
    }

    private static T? Load<T>(OtelVariables variables, (string Name, string? Value) file, string instead, Func<string, T> load) where T : class
    {
        if (file.Value is not { } path) return null;
        try
        {
            return load(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or NotSupportedException)
        {
            var why = File.Exists(path) ? "cannot be read" : "does not exist";
            variables.Warn($"{OtelVariables.Shown(file.Name, path)}: the file {why}; {instead}.");
            return null;
        }
    }
}
