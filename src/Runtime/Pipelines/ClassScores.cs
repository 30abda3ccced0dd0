using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>The decoder of the kind classes: sorts the scores of an output. Where the parameter softmax is 1, probabilities are made of them first.</summary>
internal sealed class ClassScores
{
    /// <summary>What model files call this decoder.</summary>
    public const string Kind = "classes";

    private static readonly Comparison<Classification> BestFirst = (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Label.CompareTo(b.Label);

    private readonly InferenceSession session;
    private readonly int output;
    private readonly bool softmax;
    private readonly Classification[] sorted;

    /// <summary>Prepares for a model.</summary>
    /// <param name="metadata">What the model file says.</param>
    /// <param name="task">The task it must declare.</param>
    /// <param name="session">Where the outputs are.</param>
    /// <exception cref="EdgeException">The model is for another task, or does not say which output has a score for each of its classes.</exception>
    public ClassScores(ModelMetadata metadata, string task, InferenceSession session)
    {
        Require(metadata, task);
        DecoderInfo info = metadata.Decoder!;
        var request = new DecoderRequest(metadata.Name, info, session, 0, 0, null);
        this.session = session;
        output = request.Output("scores");
        softmax = info.Parameters.ContainsKey("softmax") && request.Number("softmax", 0, 1) == 1;
        TensorType type = session.Graph.Outputs[output].Value.Type;
        if (type.DataType != DataType.F32 || !type.Shape.IsStatic || type.Shape.Count < 1) throw request.Wrong($"has scores of the type {type}, where a float for each class is expected");
        if (metadata.Labels.Count > 0 && metadata.Labels.Count != type.Shape.Count) throw request.Wrong($"has {type.Shape.Count} scores for {metadata.Labels.Count} labels");
        sorted = new Classification[type.Shape.Count];
    }

    /// <summary>The number of classes.</summary>
    public int Count => sorted.Length;

    /// <summary>Refuses models of another task or with another decoder, before a session is made for them.</summary>
    /// <exception cref="EdgeException">The model is such a one.</exception>
    public static void Require(ModelMetadata metadata, string task)
    {
        if (metadata.Task == task && metadata.Decoder?.Kind == Kind) return;
        string remedy = $"Use a model whose metadata says {task}, with a decoder of the kind '{Kind}'.";
        throw metadata.Task != task ? ModelTask.Wrong(metadata, task, remedy)
            : new EdgeException(ErrorCode.WrongTask, $"'{metadata.Name}' says it is for {task}, but not which output has the scores of its classes.", remedy);
    }

    /// <summary>All classes by the last run's scores, best first, those of the same score by number; valid until the next call.</summary>
    public ReadOnlySpan<Classification> Read()
    {
        ReadOnlySpan<float> scores = session.Output(output).Span<float>();
        float most = float.NegativeInfinity;
        foreach (float score in scores) most = MathF.Max(most, score);
        double sum = 0;
        if (softmax)
            foreach (float score in scores) sum += Math.Exp(score - most);
        for (int i = 0; i < sorted.Length; i++) sorted[i] = new Classification(i, softmax ? (float)(Math.Exp(scores[i] - most) / sum) : scores[i]);
        sorted.AsSpan().Sort(BestFirst);
        return sorted;
    }
}
