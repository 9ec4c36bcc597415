using System.Text;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit.Http;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>What is as secret as a secret, and where it must not be seen.</summary>
[Trait("Program", "both")]
public sealed class SecretCases
{
    private const string Password = "hunter2&Hunter2 \"x\"/é";

    [Fact(DisplayName = "SE01 each line of a secret is one, and so is what an expression makes of a secret, in logs, errors and files")]
    public async Task LinesAndValues()
    {
        await using var box = new Sandbox();
        box.Write("key.pem", "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nw0BAQEFAASCBKcwggSj\n-----END KEY-----\n");
        box.Environment["DB"] = """{"user": "app", "password": "s3cr3t-of-json", "pin": 48151623}""";
        box.Environment["WORD"] = "correct-Horse-battery";
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            fail_fast: false
            secrets: {KEY: {file: key.pem}, DB: {env: DB}, WORD: {env: WORD}}
            env: {A: "${{ split(secrets.WORD, '-')[1] }}"}
            tasks:
              - {id: lines, env: {KEY: "${{ secrets.KEY }}"}, run: 'grep w0BA <<< "$KEY"; echo "[$(sed -n 2p <<< "$KEY")]"'}
              - {id: field, env: {P: "${{ json(secrets.DB).password }}", N: "${{ json(secrets.DB).pin }}"}, run: 'echo "p=$P n=$N"'}
              - {id: whole, env: {J: "${{ json(secrets.DB) }}"}, run: 'echo "$J" | sed "s/.*password...//" | cut -c1-14'}
              - {id: upper, env: {U: "${{ upper(secrets.WORD) }}", L: "${{ lower(secrets.WORD) }}"}, run: 'echo "$U $L"'}
              - {id: parts, env: {A: "${{ split(secrets.WORD, '-')[1] }}", B: "${{ replace(secrets.WORD, '-', '+') }}"}, run: 'echo "$A $B"'}
              - {id: nested, env: {C: "${{ upper(env.A) }}"}, run: 'echo "$A$A"; echo "$C" >&2; exit 3'}
            """));
        finished.Exits(1);
        var id = json.RunId();
        Log("lines").ShouldBe("***\n[***]\n");
        Log("field").ShouldBe("p=*** n=***\n");
        Log("whole").ShouldBe("***\n");
        Log("upper").ShouldBe("*** ***\n");
        Log("parts").ShouldBe("*** ***\n");
        json.Task("nested").Text("error")!.ShouldBe("exited with code 3: ***");
        await NowhereAsync(box, id, "MIIEvQIB", "w0BAQ", "s3cr3t-of", "48151623", "CORRECT", "correct-horse", "Horse", "HORSE");

        string Log(string task) => File.ReadAllText(Path.Combine(box.RunFolder(id), "logs", task + ".1.log"));
    }

    [Fact(DisplayName = "SE02 encoded forms are masked whoever encoded them: shells, sed, python, base64 broken into lines, hex")]
    public async Task Encoders()
    {
        await using var box = new Sandbox();
        box.Environment["THE_SECRET"] = Password;
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            secrets: {P: {env: THE_SECRET}}
            tasks:
              - id: says
                env: {P: "${{ secrets.P }}"}
                run: |
                  printf '%q\n' "$P"
                  (set -x; : "$P") 2>&1
                  printf '%s' "$P" | od -An -tx1 | tr -d ' \n'; echo
                  printf '%s' "$P" | od -An -tx1 -w64
                  { head -c 50 /dev/zero; printf '%s' "$P"; } | base64 -w 40
                  { head -c 52 /dev/zero; printf '%s' "$P"; } | base64 -w 0; echo
                  echo 'hunter2%26Hunter2+%22x%22%2f%c3%a9 hunter2\u0026Hunter2 \"x\"\/\u00e9 hunter2&amp;Hunter2 &quot;x&#34;&#47;&eacute;'
            """));
        finished.Exits(0);
        var log = File.ReadAllText(Path.Combine(box.RunFolder(json.RunId()), "logs/says.1.log"));
        foreach (var part in (string[])["unter2", "68756e", "68 75 6e", Convert.ToBase64String(Encoding.UTF8.GetBytes("unter2&Hunter2"))[..12]]) log.ShouldNotContain(part, Case.Insensitive);
        log.Split('\n')[^2].ShouldMatch(@"^\*\*\* \*\*\* \*\*\*$");
        await NowhereAsync(box, json.RunId(), "unter2");
    }

    [Theory(DisplayName = "SE03 an output that holds a secret, a line of it or what was made of it, however encoded, fails the task and is not kept")]
    [InlineData("printf 'v=%s\\n' \"$U\"")]
    [InlineData("printf 'v=%s\\n' \"$LINE\"")]
    [InlineData("printf 'v=%q\\n' \"$P\"")]
    [InlineData("printf 'v=%s\\n' \"$(printf %s \"$P\" | od -An -tx1 | tr -d ' \\n')\"")]
    [InlineData("printf 'v=%s\\n' \"$(printf 'xx%s' \"$P\" | base64 -w 0)\"")]
    [InlineData("printf '{\"a\":{\"b\":[\"x%%26Hunter2%%20%%22x%%22%%2Fy hunter2%%26Hunter2%%20%%22x%%22%%2F%%C3%%A9\"]}}\\n'")]
    public async Task Outputs(string command)
    {
        await using var box = new Sandbox();
        box.Environment["THE_SECRET"] = Password;
        box.Write("lines", "first line of it\nsecond line of it\n");
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: x
            secrets: {P: {env: THE_SECRET}, L: {file: lines}}
            tasks:
              - id: says
                env: {P: "${{ secrets.P }}", U: "${{ upper(secrets.P) }}", LINES: "${{ secrets.L }}"}
                run: |
                  LINE=$(sed -n 2p <<< "$LINES")
                  {{{command}}} >> "$ORCHESTRATOR_OUTPUT"
            """));
        finished.Exits(1);
        json.Fate("says").ShouldBe("failed secret_in_output");
        await NowhereAsync(box, json.RunId(), "unter2", "UNTER2", "second line");
    }

    [Fact(DisplayName = "SE04 names of artifacts, save and csv, hosts in error texts and request logs hold no secret")]
    public async Task Names()
    {
        await using var site = await LoopbackSite.StartAsync(c => LoopbackSite.TextAsync(c, 200, "ok"));
        await using var box = new Sandbox();
        box.Environment["THE_SECRET"] = "Hunter22Token";
        var (finished, json) = await box.RunJsonAsync(box.Workflow($$$"""
            name: x
            fail_fast: false
            secrets: {P: {env: THE_SECRET}}
            tasks:
              - {id: kept, env: {P: "${{ secrets.P }}"}, run: 'echo x > "$P.txt"', artifacts: ["*.txt"]}
              - {id: own, env: {P: "${{ secrets.P }}"}, run: 'mkdir -p "$ORCHESTRATOR_ARTIFACTS/d-$P"; echo x > "$ORCHESTRATOR_ARTIFACTS/d-$P/a.txt"'}
              - {id: save, http: {url: "{{{site.Url}}}", save: "${{ secrets.P }}.json"} }
              - {id: host, http: {url: "http://${{ secrets.P }}.invalid/x"} }
              - {id: path, http: {url: "{{{site.Url}}}/${{ secrets.P }}?q=${{ secrets.P }}"} }
            """));
        finished.Exits(1);
        foreach (var task in (string[])["kept", "own", "save"]) json.Fate(task).ShouldBe("failed secret_in_output", task);
        json.Task("host").Text("error")!.ShouldContain("***");
        json.Fate("path").ShouldBe("completed");
        await NowhereAsync(box, json.RunId(), "Hunter22Token", "hunter22token");
        (await box.RunAsync("artifacts", json.RunId())).Exits(0).Output.ShouldNotContain("unter22", Case.Insensitive);
        foreach (var entry in Directory.EnumerateFileSystemEntries(box.Data, "*", SearchOption.AllDirectories)) entry.ShouldNotContain("unter22", Case.Insensitive);
    }

    [Fact(DisplayName = "SE05 a transform of a secret is refused as an output; a secret file that is not UTF-8 is refused by offset")]
    public async Task Others()
    {
        await using var box = new Sandbox();
        File.WriteAllBytes(box.PathOf("bytes"), [.. "abc"u8, 0xFF]);
        var (finished, json) = await box.RunJsonAsync(box.Workflow("""
            name: x
            secrets: {B: {file: bytes}}
            tasks: [{id: a, env: {B: "${{ secrets.B }}"}, run: 'true'}]
            """));
        finished.Exits(1);
        json.Task("a").Text("error")!.ShouldContain("not UTF-8: see the byte at offset 3");
    }

    private static async Task NowhereAsync(Sandbox box, string run, params string[] parts)
    {
        var said = string.Join('\n', await Task.WhenAll(((string[][])[["show", run, "--json"], ["events", run], ["logs", run], ["runs", "--json"]]).Select(async v => (await box.RunAsync(v)).ToString())));
        foreach (var part in parts)
        {
            said.ShouldNotContain(part);
            // Definitions are what the case wrote itself.
            foreach (var file in Directory.EnumerateFiles(box.Data, "*", SearchOption.AllDirectories).Where(f => !f.Contains("/definitions/", StringComparison.Ordinal))) Encoding.UTF8.GetString(File.ReadAllBytes(file)).ShouldNotContain(part, Case.Sensitive, file);
        }
    }
}
