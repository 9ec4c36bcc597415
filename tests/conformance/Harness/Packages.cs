using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace Orchestrator.Conformance.Harness;

/// <summary>The packages, packed once from what the build left, in a folder that serves as a source of packages.</summary>
public sealed class Packages : IAsyncLifetime
{
    private readonly Sandbox _box = new();

    /// <summary>No other build has used it: what is restored is what was packed.</summary>
    public static string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test.{Environment.ProcessId}");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        foreach (var project in (string[])["Core", "Engine", "AspNetCore", "Testing"])
        {
            var made = await Dotnet(_box, Built.Repository, "pack", Path.Combine("src", $"Orchestrator.{project}"), "-c", Built.Configuration, "--no-build", "-o", _box.PathOf("feed"), $"-p:PackageVersion={Version}");
            if (made.ExitCode != 0) throw new InvalidOperationException(made.ToString());
        }
    }

    /// <summary>The packed file.</summary>
    /// <param name="extension">nupkg or snupkg.</param>
    public string PathOf(string id, string extension) => _box.PathOf(Path.Combine("feed", $"{id}.{Version}.{extension}"));

    /// <summary>Builds the program in a folder of the sandbox on one package and starts it over the sandbox's data.</summary>
    internal async Task<Running> BuildAsync(Sandbox box, string folder, string package)
    {
        // What was not packed here is there already: the build of the repository has restored it. Nothing is asked of the network.
        box.Write(Path.Combine(folder, "sample.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <NuGetAudit>false</NuGetAudit>
                <RestoreSources>{_box.PathOf("feed")}</RestoreSources>
                <RestorePackagesPath>{_box.PathOf("restored")}</RestorePackagesPath>
                <RestoreFallbackFolders>{Restored()}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Microsoft.Extensions.Hosting" Version="{HostingVersion()}" />
                <PackageReference Include="{package}" Version="{Version}" />
                <None Include="workflows/*.yaml" CopyToOutputDirectory="PreserveNewest" />
              </ItemGroup>
            </Project>
            """);
        var built = await Dotnet(box, box.PathOf(folder), "build", "-c", "Release", "-o", box.PathOf("built"));
        if (built.ExitCode != 0) throw new InvalidOperationException(built.ToString());
        return box.StartOther(box.PathOf(Path.Combine("built", "sample")), box.Data, "Grace");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _box.DisposeAsync();

    // That of the repository's own sample.
    private static string HostingVersion() => XDocument.Load(Path.Combine(Built.Repository, "Directory.Packages.props")).Descendants("PackageVersion")
        .Single(e => e.Attribute("Include")!.Value == "Microsoft.Extensions.Hosting").Attribute("Version")!.Value;

    // The folder that the sample of the repository was restored to.
    private static string Restored()
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(Path.Combine(Built.Repository, "artifacts", "obj", "Orchestrator.EmbeddedSample", "project.assets.json")));
        return assets.RootElement.GetProperty("packageFolders").EnumerateObject().First().Name;
    }

    private static Task<Finished> Dotnet(Sandbox box, string directory, params string[] args) =>
        box.StartOther("/bin/sh", ["-c", "cd \"$0\" && exec dotnet \"$@\" --disable-build-servers --nologo --verbosity quiet", directory, .. args]).EndAsync(TimeSpan.FromMinutes(4));
}
