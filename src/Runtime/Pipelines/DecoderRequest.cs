using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>What a decoder is made from.</summary>
/// <param name="ModelName">For messages.</param>
/// <param name="Info">Kind, parameters and outputs, as the model file gives them.</param>
/// <param name="Outputs">Where the outputs are, or at least their types.</param>
/// <param name="InputWidth">Width of the model's input.</param>
/// <param name="InputHeight">Height of the model's input.</param>
/// <param name="ScoreThreshold">Overrides the model file's, if not null.</param>
internal sealed record DecoderRequest(string ModelName, DecoderInfo Info, IModelOutputs Outputs, int InputWidth, int InputHeight, float? ScoreThreshold)
{
    /// <summary>Names of the classes; empty where the model file has none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>How many classes there are.</summary>
    /// <exception cref="EdgeException">The model file has no names for them.</exception>
    public int Classes => Labels.Count > 0 ? Labels.Count : throw Wrong("has no labels; it needs a name for each class");

    /// <summary>Least score of a detection.</summary>
    /// <exception cref="EdgeException">The model file does not say, or not within 0…1.</exception>
    public float LeastScore => (float)(ScoreThreshold ?? Number("score_threshold", 0, 1));

    /// <summary>Intersection over union beyond which two boxes of a class are the same thing.</summary>
    /// <exception cref="EdgeException">The model file does not say, or not within 0…1.</exception>
    public float MostOverlap => (float)Number("iou_threshold", 0, 1);

    /// <summary>Position of the output that plays a role.</summary>
    /// <exception cref="EdgeException">The model file does not say which it is, or the graph has no such output.</exception>
    public int Output(string role) => Info.Outputs.TryGetValue(role, out string? name)
        ? Outputs.OutputIndex(name)
        : throw Wrong($"does not say which output is '{role}'");

    /// <summary>Position of the output that plays a role and holds so many floats.</summary>
    /// <exception cref="EdgeException">There is none, or it is another tensor.</exception>
    public int Output(string role, long count)
    {
        int output = Output(role);
        TensorType type = Outputs.Output(output).Type;
        return type.DataType == DataType.F32 && type.Shape.IsStatic && type.Shape.Count == count
            ? output
            : throw Wrong($"expects {count:N0} floats as '{role}'; the output is {type}");
    }

    /// <summary>Position of the output that plays a role and holds rows of so many floats.</summary>
    /// <exception cref="EdgeException">There is none, or it is another tensor, or has too many rows.</exception>
    public int Rows(string role, int length, int mostRows, out int rows)
    {
        int output = Output(role);
        TensorType type = Outputs.Output(output).Type;
        if (type.DataType != DataType.F32 || !type.Shape.IsStatic || type.Shape.Rank < 2 || type.Shape[-1] != length || type.Shape.Count > (long)mostRows * length)
            throw Wrong($"expects rows of {length} floats as '{role}', at most {mostRows:N0}; the output is {type}");
        rows = (int)(type.Shape.Count / length);
        return output;
    }

    /// <summary>The numbers of a parameter.</summary>
    /// <exception cref="EdgeException">The model file does not have it.</exception>
    public double[] Numbers(string parameter) => Info.Parameters.TryGetValue(parameter, out double[]? numbers)
        ? numbers
        : throw Wrong($"lacks the parameter '{parameter}'");

    /// <summary>A parameter of one number within bounds.</summary>
    /// <exception cref="EdgeException">It is missing or out of bounds.</exception>
    public double Number(string parameter, double least, double most)
    {
        double[] numbers = Numbers(parameter);
        return numbers.Length == 1 && numbers[0] >= least && numbers[0] <= most
            ? numbers[0]
            : throw Wrong($"has {parameter} = [{string.Join(", ", numbers)}], where one number within {least}…{most} is expected");
    }

    /// <summary>The numbers of a parameter, each whole and within bounds.</summary>
    /// <exception cref="EdgeException">The model file does not have it, or with other numbers.</exception>
    public int[] WholeNumbers(string parameter, int least, int most)
    {
        double[] numbers = Numbers(parameter);
        if (Array.Exists(numbers, n => !(n >= least && n <= most && n == Math.Floor(n))))
            throw Wrong($"has {parameter} = [{string.Join(", ", numbers)}], where whole numbers within {least}…{most} are expected");
        return Array.ConvertAll(numbers, n => (int)n);
    }

    /// <summary>An error that names the model and the decoder.</summary>
    public EdgeException Wrong(string problem) =>
        new(ErrorCode.WrongTask, $"The decoder '{Info.Kind}' of '{ModelName}' {problem}.", "Convert the model again with right metadata.");
}
