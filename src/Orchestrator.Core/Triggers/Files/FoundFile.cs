using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Triggers.Files;

/// <summary>A file as a look finds it.</summary>
/// <param name="Path">Relative to the folder that is looked into, with <c>/</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedAt">When it was written last.</param>
public sealed record FoundFile(string Path, long Size, DateTimeOffset ModifiedAt)
{
    /// <summary>32 hex digits that change with path, size and time of writing: another is another arrival.</summary>
    public string Fingerprint { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{Path}\0{Size}\0{ModifiedAt.UtcTicks}")))[..16]);

    /// <summary>The id of its delivery.</summary>
    /// <param name="sha256">Of its content, where that is what counts; null: the file counts.</param>
    public string DeliveryId(string? sha256) => sha256 is not null ? "sha256:" + sha256
        : Path.Length <= TriggerBinding.MaxDeliveryId - 33 && !Path.Any(HiddenCharacters.Contains) ? $"{Path}@{Fingerprint}" : "file:" + Fingerprint;

    /// <summary>What <c>trigger</c> is: kind, id, delivery_id, received_at, file.</summary>
    /// <param name="trigger">The trigger.</param>
    /// <param name="folder">The absolute path of the folder.</param>
    /// <param name="sha256">Of its content; null: it was not read.</param>
    /// <param name="now">The instant.</param>
    public JsonElement ToFacts(TriggerDefinition trigger, string folder, string? sha256, DateTimeOffset now) =>
        TriggerFacts.Of(TriggerSource.Files, trigger.Id, DeliveryId(sha256), now, json =>
        {
            json.WriteStartObject("file");
            json.WriteString("path", folder.EndsWith('/') ? folder + Path : $"{folder}/{Path}");
            json.WriteString("name", Path[(Path.LastIndexOf('/') + 1)..]);
            json.WriteString("relative", Path);
            json.WriteNumber("size", Size);
            json.WriteString("modified_at", Roots.Instant(ModifiedAt));
            json.WriteString("sha256", sha256);
            json.WriteEndObject();
        });
}
