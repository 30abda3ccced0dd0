using System.CommandLine;
using System.Text.Json;
using EdgeRuntime.Tools.Benchmark;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The hidden verb that <c>bench</c> starts itself with; see <see cref="EngineProcess"/>.</summary>
internal static class BenchEngineCommand
{
    public static Command Create()
    {
        var task = new Argument<string>("task") { Description = "The file that says what to run." };
        var command = new Command(EngineProcess.Verb, "Starts one engine with one model, for bench.") { task };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(EngineProcess.Run(parsed.GetValue(task)!), EngineJson.Default.EngineResult));
            return ExitCode.Done;
        });
        return command;
    }
}
