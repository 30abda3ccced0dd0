using System.Diagnostics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Runs;

/// <summary>The pipeline <c>generate</c>: the prompt and what follows it, letter by letter as they come.</summary>
internal static class GenerateRun
{
    public static void Run(PromptRequest request, EdgeModel model, TextWriter output, CancellationToken stop)
    {
        if (request.Source is not null) throw new EdgeException(ErrorCode.BadUsage, "'generate' goes on from a text; it has no use for --source.", "Give --prompt \"some text\".");
        using var generator = new TextGenerator(model, new TextGeneratorOptions(request.Options.Session) { Temperature = request.Temperature, Seed = request.Seed });
        string prompt = request.Prompt ?? "";
        int skipped = generator.Read(prompt);
        if (skipped > 0) Console.Error.WriteLine($"{skipped} of {prompt.Length} letters of the prompt were skipped: the model does not know them");
        if (!request.Json) output.Write(prompt);
        int written = 0;
        long start = Stopwatch.GetTimestamp();
        TimeSpan working = TimeSpan.Zero;
        for (; written < request.Length && !stop.IsCancellationRequested; written++)
        {
            long before = Stopwatch.GetTimestamp();
            char letter = generator.Next();
            TimeSpan took = Stopwatch.GetElapsedTime(before);
            working += took;
            if (!request.Json)
            {
                output.Write(letter);
                continue;
            }
            int number = written;
            output.WriteLine(ClassTexts.Json(json =>
            {
                json.WriteNumber("step", number);
                json.WriteString("text", letter.ToString());
                json.WriteNumber("latency_ms", Math.Round(took.TotalMilliseconds, 4));
            }));
        }
        if (!request.Json) output.WriteLine();
        Console.Error.WriteLine($"{written} letters, {written / Math.Max(working.TotalSeconds, 1e-9):N0} letters/s in the model, {written / Math.Max(Stopwatch.GetElapsedTime(start).TotalSeconds, 1e-9):N0} with printing");
    }
}
