namespace EdgeRuntime.Tools.Evaluation;

/// <summary>One thing that a model is shown, whatever the model is.</summary>
/// <param name="Name">What to call it, such as its file name.</param>
/// <param name="Content">What it is.</param>
/// <param name="Truth">What is right about it; null where nobody said.</param>
internal sealed record Sample(string Name, SampleContent Content, Truth? Truth = null);

/// <summary>What a model is shown.</summary>
internal abstract record SampleContent;

/// <summary>A picture in a file.</summary>
internal sealed record PictureContent(string Path) : SampleContent;

/// <summary>A sound in a file.</summary>
internal sealed record SoundContent(string Path) : SampleContent;

/// <summary>A frame of a video, by its number from 0; frames are asked for in their order.</summary>
internal sealed record FrameContent(string Path, int Index) : SampleContent;

/// <summary>A text: of words for models that classify texts, of letters one after the other for those that write.</summary>
internal sealed record TextContent(string Text) : SampleContent;

/// <summary>The elements of the model's input, in order.</summary>
internal sealed record NumbersContent(float[] Values) : SampleContent;

/// <summary>The model's inputs as arrays in a file of NumPy: .npz with one for each input by name, or .npy for the only one.</summary>
internal sealed record ArraysContent(string Path) : SampleContent;

/// <summary>What is right about a sample.</summary>
internal abstract record Truth;

/// <summary>The class it belongs to, by its number among <see cref="DataSource.Classes"/>.</summary>
internal sealed record ClassTruth(int Class) : Truth;

/// <summary>The things in it, in pixels of the picture; their labels are numbers among <see cref="DataSource.Classes"/>.</summary>
internal sealed record BoxesTruth(IReadOnlyList<TrueBox> Boxes) : Truth;

/// <summary>When somebody speaks.</summary>
internal sealed record SpeechTruth(IReadOnlyList<SpeechSpan> Spans) : Truth
{
    /// <summary>Whether somebody speaks at a time, or null where nothing is said about it.</summary>
    public bool? At(double seconds)
    {
        foreach (SpeechSpan span in Spans)
            if (seconds >= span.From && seconds < span.To) return span.IsSpeech;
        return null;
    }
}

/// <summary>A time in seconds in which somebody speaks, or nobody does.</summary>
internal readonly record struct SpeechSpan(double From, double To, bool IsSpeech);

/// <summary>The words that are said.</summary>
internal sealed record WordsTruth(string Text) : Truth;

/// <summary>The text itself: what is to be foreseen, letter by letter.</summary>
internal sealed record LettersTruth(string Text) : Truth;
