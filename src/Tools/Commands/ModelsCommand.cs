using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;
using Spectre.Console;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The verb <c>models</c>: what the zoo has, and getting it.</summary>
internal static partial class ModelsCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON, one object a line." };

    public static Command Create()
    {
        var command = new Command("models", "The model zoo: what there is, where it comes from, and getting it. Alone, it lists.") { Json };
        command.SetAction(List);
        command.Add(CreateList());
        command.Add(CreatePull());
        command.Add(CreateConvert());
        return command;
    }

    private static Command CreateList()
    {
        var command = new Command("list", "Lists the models of the zoo.") { Json };
        command.SetAction(List);
        return command;
    }

    private static int List(ParseResult parsed)
    {
        if (parsed.GetValue(Json)) ListJson();
        else ListTable();
        return ExitCode.Done;
    }

    private static Command CreatePull()
    {
        var name = new Argument<string>("name") { Description = "A model of the zoo, or 'all' but those to be had by hand." };
        var command = new Command("pull", "Fetches a model with npm and verifies its checksum.") { name, Json };
        command.SetAction(async (parsed, stop) =>
        {
            string wanted = parsed.GetValue(name)!;
            IReadOnlyList<ZooModel> models = wanted == "all" ? [.. ModelZoo.Default.All.Where(m => !m.ByHand)] : [ModelZoo.Default.Get(wanted)];
            await PullAndPrint(models, parsed.GetValue(Json), stop);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateConvert()
    {
        var name = new Argument<string>("name") { Description = "A model of the zoo." };
        var output = new Option<string?>("--output", "-o") { Description = "The .edge file to write; NAME.edge here by default." };
        var quantization = new QuantizationArguments();
        var command = new Command("convert", "Converts a model of the zoo to an .edge file, fetching it first if need be.") { name, output, Json };
        quantization.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            ZooModel model = ModelZoo.Default.Get(parsed.GetValue(name)!);
            ConversionOptions options = quantization.Apply(new ConversionOptions(), parsed);
            await Pull([model], stop);
            return ConvertCommand.Run(ModelCache.Default.PathOf(model), parsed.GetValue(output) ?? model.Name + ".edge", options, quantization.NameIn(parsed), parsed.GetValue(Json));
        });
        return command;
    }

    private static void ListTable()
    {
        Table table = new Table().Border(TableBorder.Horizontal);
        foreach (string header in (string[])["name", "task", "input", "size", "licence", "cached"])
            table.AddColumn(new TableColumn(header) { NoWrap = true, Padding = new Padding(0, 0, 1, 0), Alignment = header == "size" ? Justify.Right : Justify.Left });
        foreach (ZooModel model in ModelZoo.Default.All)
            table.AddRow(model.Name, model.Task, InputOf(model), SizeOf(model.AllFiles.Sum(f => f.Bytes)), model.License, ModelCache.Default.Find(model) is not null ? "yes" : model.ByHand ? "by hand" : "no");
        Terminal.Out.Write(table);
        foreach (ZooModel model in ModelZoo.Default.All)
            Terminal.Out.WriteLine($"{model.Name}: {model.Description}{(model.ByHand ? $" From {model.Origin}." : "")}");
        Console.Out.WriteLine($"\n`edgert models pull NAME` puts a model into {ModelCache.Default.Folder}");
        Console.Out.WriteLine("Those marked 'by hand' are in no package: download the file that is named; `edgert convert FILE` knows it by its checksum.");
    }

    private static void ListJson()
    {
        foreach (ZooModel model in ModelZoo.Default.All)
        {
            var row = new Row(model.Name, model.Task, model.Description, model.License, model.Package?.ToString(), model.Origin, model.File, model.Sha256,
                model.Bytes, model.InputSize, model.Accuracy, ModelCache.Default.Find(model));
            Console.Out.WriteLine(JsonSerializer.Serialize(row, Rows.Default.Row));
        }
    }

    private static async Task PullAndPrint(IReadOnlyList<ZooModel> models, bool json, CancellationToken stop)
    {
        await Pull(models, stop);
        foreach (ZooModel model in models)
        {
            string path = ModelCache.Default.PathOf(model);
            if (json) Console.Out.WriteLine(JsonSerializer.Serialize(new Pulled(model.Name, path, model.Sha256, model.Bytes), Rows.Default.Pulled));
            else Console.Out.WriteLine($"{model.Name}  {SizeOf(model.AllFiles.Sum(f => f.Bytes))}  {path}");
        }
    }

    /// <summary>Fetches in the background: only then does Ctrl-C reach us, and what was begun is cleared away.</summary>
    private static Task Pull(IReadOnlyList<ZooModel> models, CancellationToken stop) => Terminal.Err.Profile.Capabilities.Interactive
        ? PullWithSpinner(models, stop)
        : Task.Run(() =>
        {
            foreach (ZooModel model in models) ModelCache.Default.Pull(model, stage => Console.Error.WriteLine($"{model.Name}: {stage}"), stop);
        }, stop);

    private static Task PullWithSpinner(IReadOnlyList<ZooModel> models, CancellationToken stop) => Terminal.Err.Progress()
        .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ElapsedTimeColumn())
        .StartAsync(async context =>
        {
            foreach (ZooModel model in models)
            {
                ProgressTask task = context.AddTask(model.Name).IsIndeterminate();
                await Task.Run(() => ModelCache.Default.Pull(model, stage => task.Description = $"{model.Name}: {stage}".EscapeMarkup(), stop), stop);
                task.Description = $"{model.Name}: done";
                task.Value = task.MaxValue;
            }
        });

    private static string InputOf(ZooModel model) => model.Image is { } image
        ? $"{model.InputSize[0]}x{model.InputSize[1]} {image.Channels.ToString().ToUpperInvariant()}"
        : model.InputSize.Length > 0 ? string.Join('x', model.InputSize) : "";

    private static string SizeOf(long bytes) => bytes < 1_000_000 ? $"{bytes / 1e3:0} kB" : $"{bytes / 1e6:0.0} MB";

    /// <summary>One model in JSON; cached is its path, or null.</summary>
    internal sealed record Row(string Name, string Task, string Description, string License, string? Package, string? Origin, string File, string Sha256,
        long Bytes, int[] InputSize, string Accuracy, string? Cached);

    /// <summary>A pulled model in JSON.</summary>
    internal sealed record Pulled(string Name, string Path, string Sha256, long Bytes);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(Row))]
    [JsonSerializable(typeof(Pulled))]
    private sealed partial class Rows : JsonSerializerContext;
}
