using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>How far one model gives the results of another, in what its users look at: boxes for a detector, the best class for a classifier, numbers for others.</summary>
internal abstract class Agreement
{
    /// <summary>What the value is, such as "same best class".</summary>
    public abstract string Name { get; }

    /// <summary>1 where all results are the same, less where they are not; not less than 0.</summary>
    public abstract double Value { get; }

    /// <summary>How far apart results are, as a square that adds up over independent errors and tells small ones that change no result yet; null where nothing better is known than the noise of outputs.</summary>
    public virtual double? Distance => null;

    /// <summary>The same by a measure that tells boxes which move a little; null where there are none.</summary>
    public virtual double? Strict => null;

    /// <summary>What is asked of both measures where samples are few, and what that is called, such as "of boxes".</summary>
    public virtual (double Value, double? Strict, string Name) OfFew => (Value, Strict, Name);

    /// <summary>What one result of the reference more or less changes the value by; 0 where results are not counted.</summary>
    public virtual double Resolution => 0;

    /// <summary>True where the reference found nothing in any sample, so that agreeing proves nothing.</summary>
    public virtual bool FoundNothing => false;

    /// <summary>Takes in the outputs of both models for one sample, in the order of the graph's outputs.</summary>
    public abstract void Add(ReadOnlySpan<TensorView> reference, ReadOnlySpan<TensorView> candidate);

    /// <summary>The measure that fits the task of a model.</summary>
    public static Agreement For(EdgeModel model) => model.Metadata.Decoder switch
    {
        { Kind: "classes" } classes => new ClassAgreement(model, classes),
        { Kind: "features" } features => new FeatureAgreement(model, features),
        { Kind: "points" or "hand" } points => new PointAgreement(model, points),
        { Kind: "mask" } mask => new MaskAgreement(model, mask),
        { Kind: "text" } text => new TextAgreement(model, text),
        { } boxes when Decoders.Has(boxes.Kind) => new DetectionAgreement(model, boxes),
        _ => new SignalAgreement(model),
    };

    /// <summary>The place of the output that plays a role.</summary>
    /// <exception cref="EdgeException">The decoder names no output of the model.</exception>
    protected static int OutputOf(EdgeModel model, DecoderInfo info, string role)
    {
        string name = info.Outputs.GetValueOrDefault(role, "");
        int output = model.Graph.Outputs.ToList().FindIndex(o => o.Name == name && o.Value.Type.DataType == DataType.F32);
        return output >= 0 ? output : throw new EdgeException(ErrorCode.WrongTask, $"The metadata of '{model.Metadata.Name}' calls the output with its {role} '{name}', which the graph does not have.");
    }
}
