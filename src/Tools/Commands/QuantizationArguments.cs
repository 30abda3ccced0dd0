using System.CommandLine;
using System.Globalization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Quantizing;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The options of verbs that convert about how weights and arithmetic are kept.</summary>
internal sealed class QuantizationArguments
{
    private const string Modes = "none, fp16, int8, mixed, int8-weights or int4-weights";

    private readonly Option<string> quantize = new("--quantize", "--precision")
    {
        Description = "none: as it is. fp16: half the file. int8: a quarter of the file, computes with integers; refused where it loses more than --max-drop with half of the layers in floats. "
            + "mixed: as int8, with as many layers in floats as that takes. int8-weights, int4-weights: smaller weights, computes with floats.",
        DefaultValueFactory = _ => "none",
    };

    private readonly Option<string?> calibrate = new("--calibrate")
    {
        Description = "Samples that are like what the model will see: a folder of pictures, of sound or of .npz files, a video, or a set as `edgert eval --data` takes it; 64 are enough. A quarter is held back to measure on. "
            + "Without it, what the project has for the model is used.",
    };

    private readonly Option<string> ranges = new("--ranges")
    {
        Description = "How the range of each value is found: percentile (of four the one that costs its readers least), min-max, mse, entropy, or best (of all the one with the least square error).",
        DefaultValueFactory = _ => "percentile",
    };

    private readonly Option<string?> evaluate = new("--eval") { Description = "Samples to measure on, as `edgert eval --data` takes them: with labels it is the task's metric that must not drop, else the agreement with the float model." };

    private readonly Option<string> maxDrop = new("--max-drop")
    {
        Description = "The largest loss against the float model, of its task's metric, or of 1, which is full agreement with it; as 0.5% or 0.005. Where nothing is said and the float model finds too few boxes to tell so little, one box: 3% at most.",
        DefaultValueFactory = _ => "1.5%",
    };

    private readonly Option<string?> size = new("--budget-size") { Description = "The largest file, as 300kB or 1.5MB; for mixed." };

    private readonly Option<string?> latency = new("--budget-latency") { Description = "The longest run on this machine, as 5ms; for mixed." };

    private readonly Option<string?> report = new("--report") { Description = "Write a page on what was decided and what it costs: accuracy, noise and size of each layer, ranges, float and quantized detections side by side." };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[quantize, calibrate, ranges, evaluate, maxDrop, size, latency, report]) command.Add(option);
    }

    /// <summary>Name of what is asked for.</summary>
    public string NameIn(ParseResult parsed) => parsed.GetValue(quantize)!;

    /// <summary>Puts what is asked for into options.</summary>
    /// <exception cref="EdgeException">It makes no sense.</exception>
    public ConversionOptions Apply(ConversionOptions options, ParseResult parsed)
    {
        string name = NameIn(parsed);
        WeightPrecision precision = ParsePrecision(name);
        QuantizationMode? mode = ModeOf(name);
        long? bytes = parsed.GetValue(size) is { } given ? ParseSize(given) : null;
        double? milliseconds = parsed.GetValue(latency) is { } time ? ParseTime(time) : null;
        if ((bytes ?? milliseconds) is not null && mode != QuantizationMode.Mixed) throw new EdgeException(ErrorCode.BadUsage, $"--quantize {name} takes no budget.", "Use --quantize mixed, which looks for a mixture within it.");
        double? drop = parsed.GetResult(maxDrop) is { Implicit: false } ? ParseDrop(parsed.GetValue(maxDrop)!) : null;
        string? samples = parsed.GetValue(calibrate), truth = parsed.GetValue(evaluate), page = parsed.GetValue(report);
        if (page is not null && mode is null) throw new EdgeException(ErrorCode.BadUsage, $"--quantize {name} leaves nothing to report on.", "Leave --report away, or use --quantize int8.");
        if (mode is null)
        {
            if (samples is not null || truth is not null) throw new EdgeException(ErrorCode.BadUsage, $"--quantize {name} needs no samples.", "Leave --calibrate and --eval away, or use --quantize int8.");
            return options with { Precision = precision };
        }
        return options with
        {
            Report = page is null ? null : (quantized, problem) => QuantizationPage.Write(page, QuantizationReport.Of(quantized, samples, problem)),
            Quantization = new QuantizationOptions
            {
                Mode = mode.Value,
                Calibration = model => CalibrationSamples.Open(model, samples),
                Ranges = ParseRanges(parsed.GetValue(ranges)!),
                Measure = truth is null ? null : model => LabelMeasure.Of(model, CalibrationSamples.Read(truth)),
                MaxDrop = drop,
                MostBytes = bytes,
                MostMilliseconds = milliseconds,
                TradeOff = page is not null,
            },
        };
    }

    /// <summary>How weights are kept in the mode of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public static WeightPrecision ParsePrecision(string name) => name == "fp16" ? WeightPrecision.Fp16 : name == "none" || ModeOf(name) is not null ? WeightPrecision.None
        : throw new EdgeException(ErrorCode.BadUsage, $"There is no precision '{name}'.", $"Use {Modes}.");

    /// <summary>The way to find ranges of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public static RangeMethod ParseRanges(string name) => name switch
    {
        "best" => RangeMethod.Best,
        "min-max" => RangeMethod.MinMax,
        "percentile" => RangeMethod.Percentile,
        "mse" => RangeMethod.SquareError,
        "entropy" => RangeMethod.Entropy,
        _ => throw new EdgeException(ErrorCode.BadUsage, $"--ranges {name}: there is no such way to find ranges.", "Use percentile, min-max, mse, entropy or best."),
    };

    /// <summary>A loss such as 0.5% or 0.005.</summary>
    /// <exception cref="EdgeException">It is none.</exception>
    public static double ParseDrop(string text)
    {
        bool percent = text.EndsWith('%');
        if (double.TryParse(percent ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
        {
            double drop = percent ? number / 100 : number;
            if (drop < 1) return drop;
        }
        throw new EdgeException(ErrorCode.BadUsage, $"--max-drop {text}: this is no loss that a model could be allowed.", "Write it as 0.5% or 0.005.");
    }

    /// <summary>A size such as 300kB.</summary>
    /// <exception cref="EdgeException">It is none.</exception>
    public static long ParseSize(string text) => (long)Number(text, "--budget-size", "300kB", ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1));

    /// <summary>A time such as 5ms, in milliseconds.</summary>
    /// <exception cref="EdgeException">It is none.</exception>
    public static double ParseTime(string text) => Number(text, "--budget-latency", "5ms", ("ms", 1), ("us", 1e-3), ("s", 1e3), ("", 1));

    private static double Number(string text, string option, string example, params ReadOnlySpan<(string Unit, double Factor)> units)
    {
        foreach ((string unit, double factor) in units)
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase) && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
                && number * factor is > 0 and < 1e15) return number * factor;
        throw new EdgeException(ErrorCode.BadUsage, $"{option} {text}: this is no size or time.", $"Write it as {example}.");
    }

    private static QuantizationMode? ModeOf(string name)
    {
        foreach (QuantizationMode mode in Enum.GetValues<QuantizationMode>())
            if (mode.NameOf() == name) return mode;
        return null;
    }
}
