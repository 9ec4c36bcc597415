using System.Globalization;
using Orchestrator.Core.Definitions;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Secrets;

/// <summary>Resolves references to secrets at each dispatch, so that a rotated secret is seen by the next attempt.</summary>
/// <param name="environment">The worker's environment.</param>
public sealed class SecretSource(IReadOnlyDictionary<string, string> environment)
{
    private const long MaxBytes = 64 * 1024;

    /// <summary>
    /// The names that a workflow's processes inherit: with <c>*</c> all of the worker's but its own settings, tokens for telemetry, and the variables of
    /// the workflow's secrets, which reach those tasks alone that name them.
    /// </summary>
    public IReadOnlyList<string> Inherited(WorkflowDefinition workflow)
    {
        if (!workflow.InheritEnv.Contains("*")) return workflow.InheritEnv;
        var hidden = workflow.Secrets.Values.Concat(workflow.Params.Select(p => p.Secret).OfType<SecretReference>()).Select(s => s.Env).ToHashSet(StringComparer.Ordinal);
        return [.. workflow.InheritEnv.Where(n => n != "*"), .. environment.Keys.Where(n => !hidden.Contains(n) && !IsOfWorker(n)).Order(StringComparer.Ordinal)];
    }

    // The six that every process gets come to it anyway, and to a container they would mean another machine's folders.
    private static bool IsOfWorker(string name) => name is "PATH" or "HOME" or "USER" or "LANG" or "TZ" or "TMPDIR" ||
        name.StartsWith("ORCHESTRATOR", StringComparison.OrdinalIgnoreCase) || name.StartsWith("OTEL_", StringComparison.Ordinal) || name.Contains('=', StringComparison.Ordinal);

    /// <summary>The value of a reference.</summary>
    /// <exception cref="SecretUnavailableException">There is none; the message names the reference, never a value.</exception>
    public string Resolve(string name, SecretReference reference)
    {
        if (reference.Env is { } variable)
            return environment.TryGetValue(variable, out var value) ? value
                : throw new SecretUnavailableException($"Secret '{name}' is read from the variable {variable}, which the worker's environment does not have.");
        try
        {
            if (new FileInfo(reference.File!).Length > MaxBytes)
                throw new SecretUnavailableException($"Secret '{name}' is read from {reference.File}, which is larger than 64 KiB.");
            var text = Utf8Text.TryDecode(File.ReadAllBytes(reference.File!), out var at)
                ?? throw new SecretUnavailableException(string.Create(CultureInfo.InvariantCulture, $"Secret '{name}' is read from {reference.File}, which is not UTF-8: see the byte at offset {at}. Encode binary secrets, for example with base64."));
            return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SecretUnavailableException($"Secret '{name}' cannot be read from {reference.File}: check that the file exists and the worker may read it.", e);
        }
    }
}

/// <summary>A secret has no value here and now.</summary>
public sealed class SecretUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
